namespace AhnSharp.Cli.Display;

/// <summary>How much is told beside answers.</summary>
internal enum Verbosity
{
    /// <summary>Errors and warnings alone.</summary>
    Quiet,

    /// <summary>What one should know.</summary>
    Normal,

    /// <summary>What was loaded, what it takes and how fast it is, too.</summary>
    Verbose,
}
