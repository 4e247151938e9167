# What tests/analysis/test_hotspots.py reads from R, as CSV on standard output. Needs sf, spData, spdep.
#   Rscript --vanilla hotspots.R leukaemia       census tracts of upstate New York, with centroids
#   Rscript --vanilla hotspots.R getisord        the grid of Getis and Ord (1996)
#   Rscript --vanilla hotspots.R grid            Gi* of a table made by a formula, as in the test
options(digits = 17)
what <- commandArgs(trailingOnly = TRUE)[1]
if (what == "leukaemia") {
  outline <- sf::st_read(system.file("shapes/NY8_utm18.shp", package = "spData"), quiet = TRUE)
  middle <- sf::st_transform(suppressWarnings(sf::st_centroid(sf::st_geometry(outline))), 4326)
  at <- sf::st_coordinates(middle)
  found <- data.frame(
    place = seq_len(nrow(outline)), latitude = at[, 2], longitude = at[, 1],
    cases = floor(outline$TRACTCAS), population = outline$POP8
  )
} else if (what == "getisord") {
  data(getisord, package = "spData")
  found <- data.frame(place = seq_len(nrow(go_xyz)), x = go_xyz$x, y = go_xyz$y, cases = go_xyz$val)
} else {
  cell <- 0:35
  found <- data.frame(place = cell, x = cell %% 6, y = cell %/% 6, cases = (7 * cell * cell + 3 * cell) %% 11)
  near <- spdep::dnearneigh(cbind(found$x, found$y), 0, 1.5)
  weights <- spdep::nb2listw(spdep::include.self(near), style = "B")
  found$z <- as.numeric(spdep::localG(found$cases, weights))
}
write.csv(found, row.names = FALSE)
