# Makes the reference that tests/baselines/test_combat.py holds ComBat against:
#
#     Rscript make_combat_reference.R
#
# Needs R with Bioconductor's sva and bladderbatch (Debian: r-bioc-sva, r-bioc-bladderbatch). The
# expression values are rounded to 0.01 before anything else, so that the input fits beside the test;
# sva::ComBat then runs on those rounded values, on all 22,283 probe sets. Of its output every 20th
# probe set is kept, and the mean and deviation of each sample over all of them.

suppressMessages({
  library(sva)
  library(bladderbatch)
})

write_xz <- function(table, file, row.names = TRUE) {
  connection <- xzfile(file, "w", compression = 9)
  write.table(table, connection, sep = "\t", quote = FALSE, row.names = row.names,
              col.names = if (row.names) NA else TRUE)
  close(connection)
}

data(bladderdata)
samples <- pData(bladderEset)
values <- round(exprs(bladderEset), 2)
write_xz(formatC(values, format = "f", digits = 2), "bladderbatch.tsv.xz")
write.table(samples, "bladderbatch_samples.tsv", sep = "\t", quote = FALSE, col.names = NA)

kept <- seq(1, nrow(values), by = 20)
designs <- list(plain = NULL, cancer = model.matrix(~cancer, data = samples))
for (name in names(designs)) {
  corrected <- ComBat(dat = values, batch = samples$batch, mod = designs[[name]], par.prior = TRUE)
  write_xz(formatC(corrected[kept, ], format = "f", digits = 6), paste0("combat_r_", name, ".tsv.xz"))
  moments <- data.frame(mean = colMeans(corrected), sd = apply(corrected, 2, sd), row.names = colnames(corrected))
  write.table(format(moments, digits = 10), paste0("combat_r_", name, "_samples.tsv"),
              sep = "\t", quote = FALSE, col.names = NA)
}
cat("R", as.character(getRversion()), "sva", as.character(packageVersion("sva")),
    "bladderbatch", as.character(packageVersion("bladderbatch")), "\n")
