using AhnSharp.Evaluation;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

public sealed class RecallFactTests
{
    [Theory]
    [InlineData("The code of Oliver is 0827.", 4)]
    [InlineData("0827", 4)]
    [InlineData("The code of Oliver is 0872.", 2)]
    [InlineData("The code of Oliver is 9827.", 3)]
    [InlineData("The code of Oliver is 08", 2)]
    [InlineData("The code of Oliver is 08, then 27.", 2)]
    [InlineData("The code of Oliver is 827.", 0)]
    [InlineData("I do not know.", 0)]
    [InlineData("", 0)]
    public void Digits_count_in_their_places(string answer, int right) =>
        Assert.Equal(right, new RecallFact("Oliver", "0827").DigitsRight(answer));
}
