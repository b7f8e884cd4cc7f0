import gc

gc.disable()  # of what is imported nothing is garbage: looking for it took a fifth of the start

from client.cli import main  # noqa: E402

gc.freeze()
gc.enable()
main()
