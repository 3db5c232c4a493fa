"""Documents of drivers: photos of papers and vehicles, checked on arrival and reviewed by staff."""
