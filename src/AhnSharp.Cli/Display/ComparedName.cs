using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>One side of a comparison, for people.</summary>
internal sealed record ComparedName(string File, string? AhnFile, SessionPlan Plan, bool SevenBits)
{
    public override string ToString() =>
        $"{File}{(AhnFile is null ? "" : $" + {AhnFile}")}, {MemoryName.Of(Plan)}{(SevenBits ? ", activations of 7 bits" : "")}";
}
