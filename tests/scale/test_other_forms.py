"""Values in forms that are met less often: logarithms with a pseudo-count of each sample's own, ratios, other bases."""

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.genes import load_gene_table
from clrna.scale import check_scale, detect_scale, parse_scale, to_log2
from clrna.scale.gene_effects import ESSENTIAL, why_gene_effects

N_SAMPLES, N_GENES = 9, 6_000


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    random = np.random.default_rng(5)
    means = 10 ** random.uniform(-1.5, 4.5, N_GENES)
    depth = random.uniform(0.5, 2.0, (N_SAMPLES, 1))
    return random.negative_binomial(3, 3 / (3 + means * depth)).astype(float)


@pytest.fixture(scope="module")
def intensities() -> np.ndarray:
    """log2 of an array's signals after RMA."""
    random = np.random.default_rng(6)
    signal = random.gamma(3.0, 1.3, N_GENES) + 3.6 + np.abs(random.normal(0, 0.4, (N_SAMPLES, N_GENES)))
    return np.minimum(signal, 15.0 + random.uniform(0, 0.5, signal.shape))


def voom(counts: np.ndarray) -> np.ndarray:
    return np.log2((counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 1) * 1e6)


def edger(counts: np.ndarray) -> np.ndarray:
    library = counts.sum(axis=1, keepdims=True)
    prior = 2 * library / library.mean()
    return np.log2((counts + prior) / (library + 2 * prior) * 1e6)


@pytest.mark.parametrize("log_cpm", [voom, edger])
@pytest.mark.parametrize("digits", [2, 3, 8])
def test_a_pseudo_count_of_each_samples_own(counts, log_cpm, digits):
    values = np.round(log_cpm(counts), digits).astype(np.float32)
    found = detect_scale(values)
    assert found.scale.unit == "cpm" and "2**x gives whole multiples of each sample's own number" in found.why
    right = np.log2(counts / counts.sum(axis=1, keepdims=True) * 1e6 + 1)
    log2, name = to_log2(values, found.scale)
    assert name == "log2_cpm1" and np.abs(log2 - right).mean() < 0.05


@pytest.mark.parametrize("least", [1, 10, 100])
@pytest.mark.parametrize("log_cpm", [voom, edger])
def test_factors_of_libraries_and_a_filter_leave_the_steps_of_reads(counts, log_cpm, least):
    """edgeR's TMM factors: samples sum to a million no more, and a filter takes the zeros."""
    factors = np.random.default_rng(14).lognormal(0, 0.2, (N_SAMPLES, 1))
    kept = (counts >= least).sum(axis=0) >= 5
    found = detect_scale((log_cpm(counts) - np.log2(factors))[:, kept].astype(np.float32))
    right = np.log2(counts / (counts.sum(axis=1, keepdims=True) * factors) * 1e6 + 1)[:, kept]
    log2, name = to_log2((log_cpm(counts) - np.log2(factors))[:, kept].astype(np.float32), found.scale)
    assert name in ("log2_cpm1", "log2_tmm1") and np.abs(log2 - right).mean() < 0.05
    linear = detect_scale((counts / (counts.sum(axis=1, keepdims=True) * factors) * 1e6)[:, kept].astype(np.float32))
    assert linear.scale.name in ("cpm", "tmm")


@pytest.mark.parametrize("least", [0, 10])
def test_two_decimals_leave_the_steps_of_reads(counts, least):
    """One read of such libraries is some hundredths of a CPM; what was filtered out at ten reads has no zeros."""
    kept = (counts >= least).sum(axis=0) >= 5
    millions = counts / counts.sum(axis=1, keepdims=True) * 1e6
    right = np.log2(millions + 1)[:, kept]
    for values in (np.round(millions, 2), np.round(edger(counts), 2), np.round(voom(counts), 2)):
        some = values[:, kept].astype(np.float32)
        log2, name = to_log2(some, detect_scale(some).scale)
        assert name == "log2_cpm1" and np.abs(log2 - right).mean() < 0.05


@pytest.mark.parametrize("base", [2.0, np.e, 10.0])
def test_steps_tell_the_base_of_a_logarithm(counts, base):
    """DESeq2's size factors leave no common sum and no whole numbers."""
    factors = np.random.default_rng(15).lognormal(0, 0.4, (N_SAMPLES, 1))
    found = detect_scale((np.log(counts / factors + 1) / np.log(base)).astype(np.float32))
    assert found.scale.base == base and found.scale.pseudo == 1 and found.scale.unit == "expression"
    assert detect_scale((counts / factors).astype(np.float32)).scale.name == "expression"


def test_a_few_foreign_values_do_not_hide_the_steps(counts):
    values = counts / np.random.default_rng(15).lognormal(0, 0.4, (N_SAMPLES, 1))
    values[:, ::1000] = 3.21
    assert "whole multiples" in detect_scale(np.log2(np.where(values == 0, np.nan, values)).astype(np.float32)).why


@pytest.mark.parametrize("digits", [1, 2])
def test_steps_of_rounding_are_none_of_reads(counts, digits):
    per_kilobase = counts / np.random.default_rng(16).lognormal(7, 0.8, N_GENES) * 100
    for values in (per_kilobase, np.log2(np.round(per_kilobase, digits) + 1)):
        assert "whole multiples" not in detect_scale(np.round(values, digits).astype(np.float32)).why
    assert "whole multiples" not in detect_scale(np.round(per_kilobase, digits)[:1].astype(np.float32)).why


def test_a_transformed_count_makes_no_steps(counts):
    """DESeq2's vst is near a multiple of the count where this is large."""
    size = counts / np.random.default_rng(15).lognormal(0, 0.4, (N_SAMPLES, 1))
    for dispersion in (0.1, 0.25):
        product = dispersion * size
        vst = np.log2((1 + 2 * product + 2 * np.sqrt(product * (1 + product))) / (4 * dispersion))
        assert "whole multiples" not in detect_scale(vst.astype(np.float32)).why


def test_of_other_reads_without_zeros_the_unit_stays_open(counts):
    lengths = np.random.default_rng(17).lognormal(7, 0.8, N_GENES)
    kept = (counts >= 10).sum(axis=0) >= 5
    rate = (counts + 0.5)[:, kept] / lengths[kept]
    found = detect_scale(np.log2(rate / rate.sum(axis=1, keepdims=True) * 1e6).astype(np.float32))
    assert found.scale.name == "log2_expression0" and "sums to a million" in found.why


def test_intensities_that_were_shifted_are_none_of_reads(intensities):
    found = detect_scale((intensities - 6.5).astype(np.float32))
    assert found.scale.name == "log2_intensity"


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "within the range of logarithms"])
def test_ratios_without_logarithm(narrow):
    random = np.random.default_rng(7)
    logs = random.normal(0, 0.8, N_GENES) + random.normal(0, 1.0, (N_SAMPLES, N_GENES))
    ratios = 2 ** np.clip(logs, -4.5, 4.5) if narrow else 2 ** (1.6 * logs)
    found = detect_scale(ratios.astype(np.float32))
    assert found.scale.name == "ratio" and "lie about 1" in found.why


def test_intensities_are_no_ratios(intensities):
    assert detect_scale((2**intensities).astype(np.float32)).scale.name == "intensity"
    assert detect_scale(intensities.astype(np.float32)).scale.name == "log2_intensity"


def test_intensities_in_decimal_logarithms(intensities):
    found = detect_scale((intensities * np.log10(2)).astype(np.float32))
    assert found.scale.name == "log10_intensity" and "base 10" in found.why


def test_of_few_genes_none_may_be_frequent(intensities):
    assert detect_scale((intensities * np.log10(2))[:, :300].astype(np.float32)).scale.base == 2.0


def test_a_whole_array_in_whole_numbers():
    random = np.random.default_rng(8)
    logs = random.gamma(4.0, 1.1, 12_000) + 3.6 + random.normal(0, 0.2, (N_SAMPLES, 12_000))
    found = detect_scale(np.rint(2 ** np.clip(logs, 3.5, 15.5)).astype(np.float32))
    assert found.scale.name == "intensity" and "16 bits" in found.why


def test_a_deep_library_without_zeros_stays_counts():
    random = np.random.default_rng(9)
    values = np.rint(10 ** random.uniform(1, 5.5, 12_000) * random.lognormal(0, 0.3, (N_SAMPLES, 12_000))) + 6
    assert detect_scale(values.astype(np.float32)).scale.name == "counts"


def segments(n_samples: int = N_SAMPLES) -> np.ndarray:
    random = np.random.default_rng(10)
    rows = []
    for _ in range(n_samples):
        ends = np.sort(random.choice(np.arange(1, N_GENES), 80, replace=False))
        rows.append(np.repeat(random.normal(0, 0.35, 81), np.diff([0, *ends, N_GENES])))
    return np.array(rows)


@pytest.mark.parametrize("linear", [False, True])
def test_copy_numbers_of_segments_are_no_expression(linear):
    values = 2 * 2 ** segments() if linear else segments()
    with pytest.raises(InputError, match=r"as copy numbers of segments are.*--input-scale"):
        detect_scale(values.astype(np.float32))


@pytest.mark.parametrize("form", ["few reads", "quantiles", "rounded"])
def test_few_different_values_are_no_segments(counts, intensities, form):
    """Sparse reads, samples of one distribution, numbers with one decimal: each is expression."""
    if form == "few reads":
        few = np.random.default_rng(1).poisson(counts / 2_000)
        values = np.log2(few / np.maximum(few.sum(axis=1, keepdims=True), 1) * 1e6 + 1)
    elif form == "quantiles":
        steps = np.round(np.sort(intensities[0]), 1)
        values = steps[intensities.argsort(axis=1).argsort(axis=1)] + 0.01
    else:
        values = np.round(intensities, 1) + 0.01
    detect_scale(values.astype(np.float32))


def test_ranks_are_no_expression(intensities):
    ranks = intensities.argsort(axis=1).argsort(axis=1) + 1.0
    with pytest.raises(InputError, match="ranks"):
        detect_scale(ranks.astype(np.float32))


def test_millions_that_were_rounded_are_no_counts(counts):
    million = np.rint(counts / counts.sum(axis=1, keepdims=True) * 1e6)
    found = detect_scale(million.astype(np.float32))
    assert found.scale.name == "tpm" and "sum to a million" in found.why
    assert detect_scale(counts.astype(np.float32)).scale.name == "counts"


def test_samples_of_one_distribution_have_equal_sums_and_stay_intensities(intensities):
    """As limma's normalizeBetweenArrays leaves them: any undoing of a logarithm gives equal sums."""
    order = intensities.argsort(axis=1).argsort(axis=1)
    values = np.sort(intensities, axis=1).mean(axis=0)[order].astype(np.float32)
    assert detect_scale(values).scale.name == "log2_intensity"
    library = np.log2(np.exp2(intensities) / np.exp2(intensities).sum(axis=1, keepdims=True) * 1e7 + 1)
    assert "one library size" in detect_scale(library.astype(np.float32)).why


@pytest.mark.parametrize("n_genes", [12, 384])
def test_cycles_of_pcr_are_no_expression(n_genes):
    random = np.random.default_rng(11)
    cycles = np.minimum(random.normal(27, 4, n_genes) + random.normal(0, 1, (N_SAMPLES, n_genes)), 40)
    with pytest.raises(InputError, match=r"cycles of quantitative PCR \(Ct\).*--input-scale"):
        detect_scale(cycles.astype(np.float32))


@pytest.mark.parametrize("unit", ["intensity", "expression"])
def test_what_a_background_leaves_below_zero_is_zero(intensities, unit):
    """BeadStudio's signals with the background taken off, and RSEM's after a correction of batches."""
    values = (np.exp2(intensities) - 60).astype(np.float32)
    with pytest.raises(InputError, match=r"yet negative; state with --input-scale .*become 0"):
        detect_scale(values)
    check_scale(values, parse_scale(unit))
    log2, _ = to_log2(values, parse_scale(unit))
    assert np.allclose(log2, np.log2(np.maximum(values, 0) + 1), atol=1e-4)
    for stated, wrong in (("tpm", values), (unit, values / 1e4 - 3), (unit, -values)):
        with pytest.raises(InputError, match="negative"):
            check_scale(wrong, parse_scale(stated))


@pytest.fixture(scope="module")
def symbols() -> list[str]:
    rest = [symbol for symbol in load_gene_table().symbol if symbol not in ESSENTIAL]
    return [*sorted(ESSENTIAL), *rest[: N_GENES - len(ESSENTIAL)]]


def gene_effects() -> np.ndarray:
    random = np.random.default_rng(12)
    means = random.normal(0, 0.08, N_GENES)
    means[: N_GENES // 12] = random.normal(-1, 0.25, N_GENES // 12)
    return means + random.normal(0, 0.15, (N_SAMPLES, N_GENES))


def test_effects_of_knocked_out_genes_are_told(symbols):
    assert "CRISPR" in why_gene_effects(gene_effects(), symbols)
    assert "CRISPR" in why_gene_effects(gene_effects()[:1], symbols)
    assert not why_gene_effects(gene_effects(), symbols[::-1])


@pytest.mark.parametrize("form", ["centered", "reference", "one tissue"])
def test_log_ratios_are_no_such_effects(intensities, symbols, form):
    random = np.random.default_rng(13)
    values = intensities - intensities.mean(axis=0)
    if form == "reference":  # a pool of cell lines, in which what all growing cells need is high
        values = values + random.normal(0, 0.7, N_GENES)
        values[:, : len(ESSENTIAL)] -= 1.2
    elif form == "one tissue":
        values = values * 0.1
    assert not why_gene_effects(values, symbols)


def m_values(share: float, within: float, n_genes: int = N_GENES) -> np.ndarray:
    """Genes of which most are unmethylated, as promoters are, the others methylated."""
    random = np.random.default_rng(18)
    means = np.where(
        random.random(n_genes) < share, random.normal(-3.5, 1.0, n_genes), random.normal(2.5, 1.0, n_genes)
    )
    return means + random.normal(0, within, (N_SAMPLES, n_genes))


@pytest.mark.parametrize("share", [0.4, 0.6, 0.75])
@pytest.mark.parametrize("within", [0.3, 0.8])
def test_methylation_is_no_ratio(share, within):
    with pytest.raises(InputError, match=r"in two heaps.*methylation \(M-values\).*--input-scale"):
        detect_scale(m_values(share, within).astype(np.float32))


def test_ratios_and_shifted_logarithms_lie_in_one_heap(intensities):
    random = np.random.default_rng(19)
    centered = random.normal(0, 1.5, N_GENES) + random.normal(0, 1.0, (N_SAMPLES, N_GENES))
    for values in (centered, intensities - 6.5, m_values(0.02, 0.5), m_values(0.6, 0.3)[:, :200]):
        detect_scale(values.astype(np.float32))


@pytest.mark.parametrize("digits", [2, 6])
def test_zeros_tell_factors_of_libraries_whatever_the_decimals(counts, digits):
    factors = np.random.default_rng(14).lognormal(0, 0.2, (N_SAMPLES, 1))
    values = np.round(edger(counts) - np.log2(factors), digits).astype(np.float32)
    found = detect_scale(values)
    right = np.log2(counts / (counts.sum(axis=1, keepdims=True) * factors) * 1e6 + 1)
    log2, name = to_log2(values, found.scale)
    assert name in ("log2_cpm1", "log2_tmm1") and np.abs(log2 - right).mean() < 0.1


def test_fpkm_that_were_rounded_are_a_doubt(counts):
    """Nothing in them decides, but no library is so small."""
    lengths = np.random.default_rng(17).lognormal(7.5, 0.8, N_GENES)
    fpkm = np.rint(counts / lengths / counts.sum(axis=1, keepdims=True) * 1e9)
    found = detect_scale(fpkm.astype(np.float32))
    assert found.scale.name == "counts" and "as FPKM that were rounded do" in found.doubt
    assert "--input-scale" in found.question
    assert "FPKM" not in detect_scale(counts.astype(np.float32)).doubt
    assert detect_scale(fpkm[:, :400].astype(np.float32)).doubt == ""
