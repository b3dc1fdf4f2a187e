using AhnSharp.Sessions;

namespace AhnSharp.Evaluation;

/// <summary>One side of a comparison: a model and what its session keeps. Both sides may be the same model.</summary>
/// <param name="Model">The network.</param>
/// <param name="Options">Mode, window, sinks, context, entries; null: the model's own.</param>
public sealed record ComparedModel(LanguageModel Model, SessionOptions? Options = null);
