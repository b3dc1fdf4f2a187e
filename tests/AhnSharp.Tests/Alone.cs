using Xunit;

namespace AhnSharp.Tests;

/// <summary>Tests that measure the whole process: they run one at a time, after all others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
