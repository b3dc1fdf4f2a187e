using System;

namespace AhnSharp.Cli.Display;

/// <summary>
/// Whoever read the standard output has left (<c>| head</c>): the command ends at once and says nothing. Exit code 141, as
/// of a process that SIGPIPE ends.
/// </summary>
internal sealed class ReaderLeftException() : Exception("nobody reads the standard output any more.");
