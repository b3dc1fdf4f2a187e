using AhnSharp.Sessions;

namespace AhnSharp;

/// <summary>What a <see cref="TextEngine"/> does now, for gauges.</summary>
/// <param name="Active">Answers that are read or written.</param>
/// <param name="Waiting">Answers that wait for their turn.</param>
/// <param name="StateBytes">Bytes of the active sessions' exact and compressed memory; what forks share counts in each.</param>
/// <param name="CachedBytes">Bytes of the sessions kept between answers.</param>
/// <param name="Tokens">Where the tokens of the active sessions are.</param>
/// <param name="PromptTokens">Tokens of prompts read since the engine was made; reused ones are not among them.</param>
/// <param name="GeneratedTokens">Tokens generated since the engine was made.</param>
/// <param name="Passes">Passes over the weights since the engine was made; those of several answers share theirs.</param>
public sealed record TextEngineLoad(
    int Active, int Waiting, long StateBytes, long CachedBytes, Tally Tokens, long PromptTokens, long GeneratedTokens, long Passes);
