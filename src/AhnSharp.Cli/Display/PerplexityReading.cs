using AhnSharp.Evaluation;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>A perplexity and the memory that it was measured with.</summary>
internal sealed record PerplexityReading(SessionPlan Plan, PerplexityResult Result);
