using System;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using AhnSharp.Demo;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>AhnSharp.Demo as a test project would use it: the reference alone brings the file.</summary>
public sealed class DemoModelTests
{
    [Fact]
    public void The_file_is_that_of_the_repository()
    {
        Assert.StartsWith(AppContext.BaseDirectory, DemoModel.Path, StringComparison.Ordinal);
        string original = Path.Combine(Page.Repository, "gguf", "ahn-demo-q8_0.gguf");
        Assert.True(File.ReadAllBytes(original).AsSpan().SequenceEqual(File.ReadAllBytes(DemoModel.Path)));
    }

    [Fact]
    public async Task It_answers_as_its_page_says()
    {
        using TextModel model = DemoModel.Load();
        using TextSession session = model.CreateSession();
        await session.ReadAsync("The code of Rome is 1893.");
        StringBuilder answer = new();
        await foreach (string piece in session.AskAsync("What is the code of Rome?")) answer.Append(piece);
        Assert.Contains("1893", answer.ToString(), StringComparison.Ordinal);
    }
}
