using System.Globalization;

namespace AhnSharp.Measurement;

/// <summary>
/// One thing to time: a prompt that is read at once, or tokens that are generated one by one, behind a text of some length.
/// </summary>
/// <param name="Prompt">Tokens read at once; 0 where tokens are generated.</param>
/// <param name="Generated">Tokens generated; 0 where a prompt is read.</param>
/// <param name="Depth">Tokens that the session has seen before.</param>
/// <param name="Asks">Whether the prompt is a question, which asks the archive, and not a text that is read.</param>
internal sealed record SpeedTest(int Prompt, int Generated, int Depth, bool Asks = false)
{
    /// <summary>Tokens whose time is taken.</summary>
    public int Tokens => Prompt + Generated;

    /// <summary>As llama-bench names it: pp512, tg64, tg64 @ d16384; a question is ask256.</summary>
    public string Name =>
        (Asks ? "ask" : Prompt > 0 ? "pp" : "tg") + string.Create(
            CultureInfo.InvariantCulture, $"{Tokens}{(Depth > 0 ? $" @ d{Depth}" : "")}");
}

/// <summary>How long one run took.</summary>
/// <param name="Seconds">All tokens of the test.</param>
/// <param name="FirstTokenSeconds">From the beginning to the first token that was picked.</param>
internal readonly record struct SpeedRun(double Seconds, double FirstTokenSeconds);
