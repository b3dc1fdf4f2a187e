using AhnSharp.Evaluation;
using AhnSharp.Model;

namespace AhnSharp.Cli.Display;

/// <summary>A perplexity and the memory that it was measured with.</summary>
internal sealed record PerplexityReading(SessionPlan Plan, PerplexityResult Result);
