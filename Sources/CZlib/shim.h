// zlib for 3MF files and gzip.
#pragma once
#include <zlib.h>
