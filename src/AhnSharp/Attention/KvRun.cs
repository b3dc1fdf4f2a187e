namespace AhnSharp.Attention;

/// <summary>Consecutive positions that lie in consecutive slots of one segment.</summary>
/// <param name="Segment">Which segment.</param>
/// <param name="Slot">Slot of the first position.</param>
/// <param name="Count">How many.</param>
/// <param name="Position">The first position.</param>
internal readonly record struct KvRun(int Segment, int Slot, int Count, long Position);
