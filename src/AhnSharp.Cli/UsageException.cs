using System;

namespace AhnSharp.Cli;

/// <summary>The command line asks for something that cannot be meant; the message is one sentence. Exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
