"""The ground of the pages' maps: vector tiles of an OpenStreetMap extract, in one file that is read by ranges."""
