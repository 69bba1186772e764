"""The archives and compressed files in which sources publish, made of the fixtures."""

import gzip
import shutil
import zipfile

# The archives in which sources publish, by source: name, folder in it, members.
ARCHIVES = {
    "ctrp": ("CTRPv2.0_2015_ctd2_ExpandedDataset.zip", "", ["v20.meta.per_cell_line.txt"]),
    "gdsc": ("rnaseq_all_20220624.zip", "", ["rnaseq_tpm_20220624.csv"]),
    "gdsc-array": ("Cell_line_RMA_proc_basalExp.txt.zip", "", ["Cell_line_RMA_proc_basalExp.txt"]),
    "nci60": ("nci60_RNA__RNA_seq_composite_expression.zip", "output/", ["RNA__RNA_seq_composite_expression.txt"]),
}
# Sources that use the files of another.
WITH = {"ccle-later": ["ccle"], "ctrp": ["ccle"], "gdsc-array": ["gdsc"]}
# What sources publish as .gz.
COMPRESSED = {"coderdata": ["*_transcriptomics.csv"], "gtex": ["*.gct"], "recount3": ["*.gtf", "*.G026", "*.MD"]}


def lay_out(name, data_folder, tmp_path):
    """Lay the fixture of a source out as its source publishes it; return the folder."""
    folder = tmp_path / f"{name}-files"
    folder.mkdir()
    for part in (name, *WITH.get(name, [])):
        for path in (data_folder / part).iterdir():
            shutil.copy(path, folder)
    if name in ARCHIVES:
        archive, inside, members = ARCHIVES[name]
        with zipfile.ZipFile(folder / archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(f"{inside}documentation/README.txt", "about")
            for member in members:
                file.write(folder / member, f"{inside}{member}")
                (folder / member).unlink()
    for path in [path for pattern in COMPRESSED.get(name, ()) for path in folder.glob(pattern)]:
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()
    return folder
