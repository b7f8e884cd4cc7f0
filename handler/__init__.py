"""The service: what travels inside the .mar and what training shares with it.

Data flow: request -> image_input -> face_crop -> runtime -> calibration -> (gradcam) -> response.
"""
