namespace AhnSharp.Fuzz;

/// <summary>What a run came to.</summary>
/// <param name="Inputs">Read or refused.</param>
/// <param name="Refused">With the documented exception.</param>
/// <param name="MostBytes">Allocated for one input beyond the multiple of its length; negative where all stayed below.</param>
/// <param name="MostSeconds">Of processor time for one input.</param>
/// <param name="Hung">The last one had no end, and its thread still runs.</param>
internal sealed record FuzzCount(int Inputs, int Refused, long MostBytes, double MostSeconds, bool Hung);
