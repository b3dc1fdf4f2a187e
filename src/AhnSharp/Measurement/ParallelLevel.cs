namespace AhnSharp.Measurement;

/// <summary>One number of texts of a <see cref="ParallelTest"/>.</summary>
/// <param name="Texts">How many.</param>
/// <param name="TokensPerSecond">Of all together, the median.</param>
/// <param name="Least">The slowest run.</param>
/// <param name="Most">The fastest.</param>
/// <param name="TokensPerSecondOfEach">Of each text.</param>
/// <param name="OverOne">Over the tokens/s of one text alone; null where one alone was not measured.</param>
/// <param name="Samples">Of all together, run by run.</param>
internal sealed record ParallelLevel(
    int Texts, double TokensPerSecond, double Least, double Most, double TokensPerSecondOfEach, double? OverOne, double[] Samples);
