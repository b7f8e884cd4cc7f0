"""The handler file of the stock TorchServe archive."""

from ts.torch_handler.image_classifier import ImageClassifier


class TwoClassClassifier(ImageClassifier):
    """TorchServe's own handler; it answers the best five classes, and fails where there are only two."""

    topk = 2
