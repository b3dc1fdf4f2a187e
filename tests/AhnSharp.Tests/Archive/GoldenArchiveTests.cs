using System.Linq;
using AhnSharp.Checks;
using Xunit;

namespace AhnSharp.Tests.Archive;

public sealed class GoldenArchiveTests
{
    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> data = [];
        foreach (string kind in GoldenModel.Kinds)
        {
            foreach (ArchiveCase golden in ArchiveCase.All) data.Add(kind, golden.Logits);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equals_the_mathematics_however_the_text_is_cut(string kind, string logits)
    {
        ArchiveCase golden = ArchiveCase.All.Single(golden => golden.Logits == logits);
        foreach ((string cut, int[] pieces) in ArchiveChecks.Cuts)
        {
            string? difference = golden.Difference(kind, pieces, 1);
            Assert.True(difference is null, $"{cut}: {difference}");
        }
    }
}
