# Makes golden.json, the numbers the tests hold our methods against: `Rscript golden.R > golden.json`.
# Run by hand, in this folder, where R has the package surveillance (Debian: r-cran-surveillance); the
# tests themselves do not need R. series.csv is made up by us; of the package's own data sets only results
# are written (see dataset.R). Each entry holds the call, and per series one number a week (null: none).
suppressMessages(library(surveillance))

numbers <- function(x) {
  x <- as.numeric(x)
  text <- ifelse(is.finite(x), sprintf("%.10g", x), "null")
  paste0("[", paste(text, collapse = ", "), "]")
}
object <- function(parts) {
  paste0("{", paste0('"', names(parts), '": ', unlist(parts), collapse = ",\n "), "}")
}
quoted <- function(text) paste0('"', gsub('"', "'", text), '"')
call_text <- function(method, control) {
  control$range <- NULL
  control$mu0 <- if (is.numeric(control$mu0)) "given" else control$mu0
  if (!length(control)) control <- list()
  quoted(paste0(method, "(", paste(deparse(control, width.cutoff = 500), collapse = ""), ")"))
}

# ---- series ----
table <- read.csv("series.csv")
own <- lapply(table[-1], function(x) sts(x, frequency = 52, epoch = seq_along(x)))
own_dated <- lapply(table[-1], function(x) sts(x, frequency = 52, epoch = as.Date(table$week)))
peopled <- lapply(table[-1], function(x) {
  sts(x, frequency = 52, epoch = seq_along(x), population = matrix(1000 * (1 + 0.002 * seq_along(x))))
})
theirs <- function(name) {
  space <- new.env()
  data(list = name, package = "surveillance", envir = space)
  found <- get(name, envir = space)
  if (inherits(found, "disProg")) found <- suppressWarnings(disProg2sts(found))
  if (ncol(found) > 1) found <- aggregate(found, by = "unit")
  found
}

# ---- methods ----
run <- function(method, series, control) {
  if (method == "earsC") {
    out <- earsC(series, control)
    return(object(list(upper = numbers(upperbound(out)), alarm = numbers(alarms(out)))))
  }
  if (method == "farrington") {
    # it reports series without a fitted trend on the standard output, which is the JSON's
    said <- capture.output(out <- suppressWarnings(farrington(series, control)))
    return(object(list(upper = numbers(upperbound(out)), alarm = numbers(alarms(out)))))
  }
  if (method == "farringtonFlexible") {
    out <- farringtonFlexible(series, c(control, glmWarnings = FALSE))
    extra <- out@control
    return(object(list(
      upper = numbers(upperbound(out)), alarm = numbers(alarms(out)), expected = numbers(extra$expected),
      score = numbers(extra$score), p = numbers(extra$pvalue), trend = numbers(extra$trend),
      dispersion = numbers(extra$phiVector)
    )))
  }
  out <- suppressWarnings(suppressMessages(glrnb(series, control)))
  fitted <- out@control
  object(list(
    score = numbers(upperbound(out)), alarm = numbers(alarms(out)),
    mean = numbers(fitted$mu0), dispersion = numbers(fitted$alpha)
  ))
}
entry <- function(method, series, control) {
  results <- lapply(series, function(one) {
    given <- control
    if (is.function(given$mu0)) given$mu0 <- given$mu0(observed(one)[, 1], given$range)
    tryCatch(run(method, one, given), error = function(e) quoted(conditionMessage(e)))
  })
  first <- control$range[1]
  object(list(call = call_text(method, control), method = quoted(method),
              first = first, last = tail(control$range, 1), series = object(results)))
}

last <- function(series, n) (nrow(series) - n + 1):nrow(series)
week <- last(own[[1]], 26)
seasonal_mean <- function(x, range) mean(x[seq_len(range[1] - 1)]) * exp(0.3 * cos(2 * pi * range / 52))
flat_mean <- function(x, range) rep(mean(x[seq_len(range[1] - 1)]), length(range))
flexible <- function(...) modifyList(list(range = week, pastWeeksNotIncluded = 26), list(...))

synthetic <- list(
  ears_c1 = entry("earsC", own, list(range = week, method = "C1", alpha = 0.05)),
  ears_c1_floor = entry("earsC", own, list(range = week, method = "C1", alpha = 0.001, minSigma = 1)),
  ears_c2 = entry("earsC", own, list(range = week, method = "C2", minSigma = 0.5)),
  ears_c3 = entry("earsC", own, list(range = week, method = "C3", minSigma = 0.5, alpha = 0.025)),
  ears_c1_9 = entry("earsC", own, list(range = week, method = "C1", baseline = 9, alpha = 0.01)),
  farrington = entry("farrington", own, list(range = week)),
  farrington_none = entry("farrington", own, list(range = week, powertrans = "none", limit54 = c(0, 4))),
  farrington_half = entry("farrington", own, list(range = week, powertrans = "1/2", alpha = 0.01)),
  farrington_plain = entry("farrington", own, list(range = week, reweight = FALSE, trend = FALSE)),
  farrington_b3 = entry("farrington", own, list(range = week, b = 3, w = 4, limit54 = c(2, 3))),
  farrington_population = entry("farrington", peopled, list(
    range = week, fitFun = "algo.farrington.fitGLM.populationOffset")),
  farrington_dates = entry("farrington", own_dated, list(range = week)),
  flexible = entry("farringtonFlexible", own, flexible()),
  flexible_nb = entry("farringtonFlexible", own, flexible(thresholdMethod = "nbPlugin")),
  flexible_muan = entry("farringtonFlexible", own, flexible(thresholdMethod = "muan", alpha = 0.01)),
  flexible_plain = entry("farringtonFlexible", own, flexible(reweight = FALSE, trend = FALSE)),
  flexible_season = entry("farringtonFlexible", own, flexible(noPeriods = 10, pThresholdTrend = 1)),
  flexible_season_nb = entry("farringtonFlexible", own, flexible(
    noPeriods = 10, b = 4, w = 3, thresholdMethod = "nbPlugin", limit54 = c(0, 4))),
  flexible_skip3 = entry("farringtonFlexible", own, flexible(
    pastWeeksNotIncluded = 3, noPeriods = 5, powertrans = "1/2", weightsThreshold = 1)),
  flexible_population = entry("farringtonFlexible", peopled, flexible(populationOffset = TRUE, noPeriods = 4)),
  flexible_dates = entry("farringtonFlexible", own_dated, flexible(noPeriods = 10)),
  glr_known = entry("glrnb", own, list(range = week, mu0 = flat_mean, alpha = 0.2)),
  glr_season = entry("glrnb", own, list(range = week, mu0 = seasonal_mean, alpha = 0.5, Mtilde = 3, M = 12)),
  glr_poisson = entry("glrnb", own, list(range = week, mu0 = flat_mean, alpha = 0, c.ARL = 4)),
  glr_estimated = entry("glrnb", own, list(
    range = week, mu0 = list(S = 0, trend = FALSE), alpha = NULL, c.ARL = 5))
)

on <- function(method, name, n, control) {
  series <- theirs(name)
  entry(method, setNames(list(series), name), c(list(range = last(series, n)), control))
}
package_data <- list(
  ears_c1_newport = on("earsC", "salmNewport", 150, list(method = "C1", alpha = 0.05)),
  ears_c3_abattoir = on("earsC", "abattoir", 100, list(method = "C3", minSigma = 0.5)),
  ears_c2_m1 = on("earsC", "m1", 150, list(method = "C2", minSigma = 0.5, alpha = 0.05)),
  farrington_agona = on("farrington", "salmonella.agona", 50, list()),
  farrington_n1 = on("farrington", "n1", 40, list(b = 3, w = 4, powertrans = "none")),
  farrington_m1 = on("farrington", "m1", 40, list(b = 3)),
  flexible_agona = on("farringtonFlexible", "salmonella.agona", 50, list(pastWeeksNotIncluded = 26)),
  flexible_agona_muan = on("farringtonFlexible", "salmonella.agona", 50, list(
    pastWeeksNotIncluded = 26, thresholdMethod = "muan")),
  flexible_shadar = on("farringtonFlexible", "shadar", 80, list(
    pastWeeksNotIncluded = 26, b = 4, noPeriods = 10, thresholdMethod = "nbPlugin", alpha = 0.01)),
  flexible_newport = on("farringtonFlexible", "salmNewport", 150, list(
    pastWeeksNotIncluded = 26, b = 4, noPeriods = 10, pThresholdTrend = 1)),
  flexible_hepatitis = on("farringtonFlexible", "hepatitisA", 40, list(pastWeeksNotIncluded = 26, b = 3)),
  glr_shadar = on("glrnb", "shadar", 190, list(mu0 = list(S = 1, trend = FALSE), alpha = NULL)),
  glr_shadar_poisson = on("glrnb", "shadar", 190, list(mu0 = list(S = 1, trend = FALSE), alpha = 0)),
  glr_k1 = on("glrnb", "k1", 105, list(mu0 = list(S = 2, trend = TRUE), alpha = NULL, c.ARL = 3))
)

cat(object(list(
  package = quoted(paste("surveillance", packageVersion("surveillance"))),
  r = quoted(R.version.string), call = quoted("Rscript golden.R > golden.json"),
  synthetic = object(synthetic), package_data = object(package_data)
)), "\n", sep = "")
