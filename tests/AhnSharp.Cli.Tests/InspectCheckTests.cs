using System;
using System.IO;
using System.Threading.Tasks;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class InspectCheckTests
{
    [Fact]
    public async Task Broken_weights_are_named_and_a_whole_file_says_so()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.gguf");
        byte[] bytes = await File.ReadAllBytesAsync(DemoText.ModelPath), start = new byte[256];
        using (GgufFile file = GgufFile.Open(DemoText.ModelPath, memoryMap: false))
        {
            foreach ((string name, int row) in new[] { ("blk.1.ffn_down.weight", 5), ("blk.6.attn_q.weight", 0) })
            {
                GgufTensor tensor = file.GetTensor(name);
                file.ReadUnmapped(tensor, 0, start);
                long at = bytes.AsSpan().IndexOf(start) + row * tensor.Type.RowBytes(tensor.RowLength) + 2L * tensor.Type.BlockBytes();
                BitConverter.TryWriteBytes(bytes.AsSpan((int)at), Half.NaN);
            }
        }
        await File.WriteAllBytesAsync(path, bytes);
        AhnProcess check = await AhnProcess.RunAsync(["inspect", path, "--check"]);
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("ahn: blk.1.ffn_down.weight: expected weights between -65536 and 65536, found NaN in row 5, column 64.",
            check.Errors, StringComparison.Ordinal);
        Assert.Contains("ahn: blk.6.attn_q.weight: expected weights between -65536 and 65536, found NaN in row 0, column 64.", check.Errors,
            StringComparison.Ordinal);
        Assert.Contains("2 of ", check.Output, StringComparison.Ordinal);
        AhnProcess run = await AhnProcess.RunAsync(["run", "--model", path, "--prompt", "Hi"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("found NaN in row", run.Errors, StringComparison.Ordinal);
        AhnProcess whole = await AhnProcess.RunAsync(["inspect", DemoText.ModelPath, "--check"]);
        Assert.True(whole.ExitCode == 0, whole.Errors);
        Assert.Contains("every weight is finite", whole.Output, StringComparison.Ordinal);
    }
}
