import Glibc

exit(hubrigCommand.dispatch(Array(CommandLine.arguments.dropFirst())))
