using AhnSharp.Fuzz;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Documents.Tests;

/// <summary>
/// Readers of documents on changed inputs, some seconds each; <c>dotnet run -c Release --project tests/AhnSharp.Fuzz -- --target all
/// --seconds 3600</c> goes on for hours.
/// </summary>
[Trait("Category", "Slow")]
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("pdf")]
    [InlineData("html")]
    [InlineData("notebook")]
    [InlineData("epub")]
    [InlineData("docx")]
    [InlineData("gitignore")]
    public void No_input_breaks_a_parser(string name) => FuzzSuite.Check(name, output.WriteLine);
}
