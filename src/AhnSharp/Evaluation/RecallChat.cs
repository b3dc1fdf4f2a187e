namespace AhnSharp.Evaluation;

/// <summary>A chat with its right answers, to be read with teacher forcing.</summary>
/// <param name="Length">The length it stands under in totals, in tokens.</param>
/// <param name="Ids">[Length] token ids of the whole chat.</param>
/// <param name="AnswerPositions">Ascending positions p of the digits: the prediction from p − 1 should be <c>Ids[p]</c>.</param>
/// <param name="Reference">Digits that a reference implementation got right, where the set tells.</param>
public sealed record RecallChat(int Length, int[] Ids, int[] AnswerPositions, RecallReference? Reference = null);

/// <summary>Digits of one chat that a reference implementation got right.</summary>
/// <param name="Full">With full attention.</param>
/// <param name="Window">With the window alone.</param>
/// <param name="Ahn">With window and memory.</param>
public sealed record RecallReference(int Full, int Window, int Ahn);
