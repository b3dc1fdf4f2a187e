using System;

namespace AhnSharp.Sessions;

/// <summary>Receives the logits behind one token.</summary>
/// <param name="index">The token's index in the ids that were fed.</param>
/// <param name="logits">[vocabulary], valid during the call.</param>
public delegate void LogitsReader(int index, ReadOnlySpan<float> logits);
