namespace AhnSharp.Fuzz;

/// <summary>An input with which a parser did what it may not.</summary>
/// <param name="Target">The parser.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Number">Of the input in the run.</param>
/// <param name="Input">The bytes.</param>
/// <param name="What">A sentence.</param>
/// <param name="Details">With the place in the code, where there is one.</param>
internal sealed record FuzzFind(string Target, int Seed, int Number, byte[] Input, string What, string Details);
