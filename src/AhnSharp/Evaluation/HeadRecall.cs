namespace AhnSharp.Evaluation;

/// <summary>What is recalled where the first heads of a ranking alone have an archive.</summary>
/// <param name="Heads">How many of them.</param>
/// <param name="Digits">Digits asked for.</param>
/// <param name="Hits">Digits right.</param>
/// <param name="ArchiveBytes">Bytes of keys and values a token of the text.</param>
/// <param name="IndexBytes">Bytes of their index in memory, likewise.</param>
public readonly record struct HeadRecall(int Heads, int Digits, int Hits, double ArchiveBytes, double IndexBytes);
