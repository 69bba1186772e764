import numpy as np

from clrna.train.linear_decoder import fit_linear_decoder


def test_the_decoder_rebuilds_what_the_codes_hold():
    random = np.random.default_rng(4)
    codes, way = random.normal(size=(300, 5)), random.normal(size=(5, 40))
    values = codes @ way + 2 + 0.1 * random.normal(size=(300, 40))
    weight, bias = fit_linear_decoder(codes, values)
    assert np.sqrt(((codes @ weight + bias - values) ** 2).mean()) < 0.11


def test_the_decoder_does_not_fit_noise():
    random = np.random.default_rng(5)
    weight, bias = fit_linear_decoder(random.normal(size=(60, 50)), random.normal(size=(60, 40)))
    assert (((random.normal(size=(500, 50)) @ weight + bias) ** 2).mean()) < 0.3
