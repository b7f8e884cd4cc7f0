"""How the service is started: settings of TorchServe, and the scripts that apply them."""
