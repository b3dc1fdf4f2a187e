
namespace AhnSharp.Cli.Bench;

/// <summary>What <c>ahn bench</c> measures.</summary>
internal enum BenchMode
{
    /// <summary>Prompts and generated tokens.</summary>
    Speed,

    /// <summary>--flat.</summary>
    Flat,

    /// <summary>--memory-cost.</summary>
    MemoryCost,

    /// <summary>--archive-cost.</summary>
    ArchiveCost,

    /// <summary>--run.</summary>
    LongRun,

    /// <summary>--claims.</summary>
    Claims,

    /// <summary>--parallel.</summary>
    Parallel,

    /// <summary>--server.</summary>
    Server,
}
