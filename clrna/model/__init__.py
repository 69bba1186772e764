"""A trained model: settings, network, linear path, standardization, the model file.

Nothing is imported here, so that settings can be read without torch:

>>> from clrna.model.model_file import load_model
>>> from clrna.model.settings import ModelSettings
"""
