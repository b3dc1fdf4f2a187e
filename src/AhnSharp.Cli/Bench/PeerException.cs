using System;

namespace AhnSharp.Cli.Bench;

/// <summary>The program of <c>--versus</c> did not measure what it was asked for; the message is one sentence. Exit code 1.</summary>
internal sealed class PeerException(string message) : Exception(message);
