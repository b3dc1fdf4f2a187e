using Xunit;

namespace AhnSharp.Hub.Tests;

public sealed class ModelReferenceTests
{
    [Theory]
    [InlineData("Qwen/Q-GGUF", "Qwen/Q-GGUF", null, null)]
    [InlineData("Qwen/Q-GGUF:q4_k_m", "Qwen/Q-GGUF", "q4_k_m", null)]
    [InlineData("hf.co/Qwen/Q-GGUF", "Qwen/Q-GGUF", null, null)]
    [InlineData("hf.co/Qwen/Q-GGUF:Q8_0", "Qwen/Q-GGUF", "Q8_0", null)]
    [InlineData("HF.co/Qwen/Q-GGUF:Q8_0", "Qwen/Q-GGUF", "Q8_0", null)]
    [InlineData("huggingface.co/Qwen/Q-GGUF", "Qwen/Q-GGUF", null, null)]
    [InlineData("hf://Qwen/Q-GGUF:Q8_0", "Qwen/Q-GGUF", "Q8_0", null)]
    [InlineData("https://hf.co/Qwen/Q-GGUF:Q8_0", "Qwen/Q-GGUF", "Q8_0", null)]
    [InlineData("https://huggingface.co/Qwen/Q-GGUF/", "Qwen/Q-GGUF", null, null)]
    [InlineData("https://huggingface.co/Qwen/Q-GGUF?show=x.gguf#readme", "Qwen/Q-GGUF", null, null)]
    [InlineData("https://www.huggingface.co/Qwen/Q-GGUF/tree/main", "Qwen/Q-GGUF", null, "main")]
    [InlineData("https://huggingface.co/Qwen/Q-GGUF/blob/main/q-q4_k_m.gguf", "Qwen/Q-GGUF", "q-q4_k_m.gguf", "main")]
    [InlineData("https://huggingface.co/Qwen/Q-GGUF/resolve/refs%2Fpr%2F1/sub/q%20a.gguf?download=true", "Qwen/Q-GGUF",
        "sub/q a.gguf", "refs/pr/1")]
    [InlineData("huggingface.co/Qwen/Q-GGUF/resolve/v1/x.gguf", "Qwen/Q-GGUF", "x.gguf", "v1")]
    public void Names_and_addresses_say_the_same(string text, string repo, string? what, string? revision)
    {
        Assert.True(ModelReference.TryParse(text, out ModelReference? reference), text);
        Assert.Equal((repo, what, revision), (reference.Repo.Name, reference.What, reference.Revision));
    }

    [Theory]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("hf.co/name")]
    [InlineData("hf.co/a/b/c")]
    [InlineData("https://huggingface.co/")]
    [InlineData("https://huggingface.co/a/b/discussions/1")]
    [InlineData("https://huggingface.co/datasets/a/b")]
    [InlineData("https://example.com/a/b")]
    [InlineData("https://huggingface.co.evil.example/a/b")]
    [InlineData("https://huggingface.co/../b")]
    [InlineData("hf.co/a/b:")]
    [InlineData("ftp://huggingface.co/a/b")]
    public void What_names_no_model_is_none(string text) => Assert.False(ModelReference.TryParse(text, out _), text);

    [Theory]
    [InlineData("a\0b|c", "\\u0000")]
    [InlineData("a\u202Eb", "\\u202E")]
    [InlineData("a\u2028b", "\\u2028")]
    [InlineData("a\nb", "\\u000A")]
    public void A_name_that_reads_as_another_is_refused(string name, string shown)
    {
        string message = Assert.Throws<HubException>(() => FilePaths.Below("folder", name)).Message;
        Assert.Contains(shown, message, System.StringComparison.Ordinal);
        Assert.DoesNotContain(name, message, System.StringComparison.Ordinal);
    }
}
