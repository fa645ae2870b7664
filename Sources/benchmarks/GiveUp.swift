import Glibc

/// Ends the program with a sentence: something could not be measured, so no number is told for it.
func giveUp(_ reason: String) -> Never {
  fflush(stdout)
  fputs("benchmarks: \(reason)\n", stderr)
  exit(2)
}
