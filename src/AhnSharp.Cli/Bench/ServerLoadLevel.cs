namespace AhnSharp.Cli.Bench;

/// <summary>One number of clients of a <see cref="ServerLoad"/>; times in milliseconds, as a client sees them.</summary>
/// <param name="Clients">How many ask at the same time.</param>
/// <param name="Answers">Answers that came.</param>
/// <param name="Failures">Requests that got none.</param>
/// <param name="FirstMedianMs">From the request to the first text, half of them.</param>
/// <param name="First99Ms">99 of 100.</param>
/// <param name="BetweenMedianMs">Between two pieces of an answer, half of them.</param>
/// <param name="Between99Ms">99 of 100.</param>
/// <param name="BetweenMostMs">The longest.</param>
/// <param name="TokensPerSecond">Of all together.</param>
internal sealed record ServerLoadLevel(int Clients, int Answers, int Failures, double FirstMedianMs, double First99Ms,
    double BetweenMedianMs, double Between99Ms, double BetweenMostMs, double TokensPerSecond);
