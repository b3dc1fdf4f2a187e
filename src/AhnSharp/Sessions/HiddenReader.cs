using System;

namespace AhnSharp.Sessions;

/// <summary>Receives the hidden row behind one token: what the output matrix makes logits of, behind the last norm.</summary>
/// <param name="index">The token's index in the ids of its slice.</param>
/// <param name="hidden">[hidden], valid during the call.</param>
public delegate void HiddenReader(int index, ReadOnlySpan<float> hidden);
