# Prints one weekly data set of R's surveillance as CSV: `Rscript dataset.R salmonella.agona`.
# Its data files are under the GPL and not kept here; the tests read them from the installed package.
suppressMessages(library(surveillance))
name <- commandArgs(trailingOnly = TRUE)[1]
space <- new.env()
data(list = name, package = "surveillance", envir = space)
found <- get(name, envir = space)
if (inherits(found, "disProg")) found <- suppressWarnings(disProg2sts(found))
if (ncol(found) > 1) found <- aggregate(found, by = "unit")
weeks <- if (found@epochAsDate) as.character(epoch(found)) else seq_len(nrow(found))
write.csv(data.frame(week = weeks, observed = observed(found)[, 1]), row.names = FALSE, quote = FALSE)
