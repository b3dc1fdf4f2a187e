using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using AhnSharp.Gpu.Cuda.Hopper;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>
/// The kernels that are written in PTX, where no driver compiles them: every name is declared, every label is there, parameters lie where
/// the text reads them. What they compute is checked on a device ('many rows', 'long chunks' of AhnSharp.Gpu.Checks).
/// </summary>
public sealed partial class HopperTextTests
{
    // What follows a dot or stands for an instruction is no name of a register.
    private static readonly HashSet<string> NoRegisters = ["arguments", "stages", "_"];

    [Theory]
    [InlineData("product", 128, false)]
    [InlineData("product", 256, false)]
    [InlineData("product", 128, true)]
    [InlineData("product", 256, true)]
    [InlineData("attention", 0, false)]
    public void Every_register_is_declared_and_used_and_every_label_is_there(string kernel, int rows, bool swiGlu)
    {
        string[] lines = Text(kernel, rows, swiGlu).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        HashSet<string> declared = [.. lines.Where(static line => line.StartsWith(".reg ", StringComparison.Ordinal)).SelectMany(Declared)];
        string[] labels = [.. lines.Where(static line => line.EndsWith(':')).Select(static line => line[..^1])];
        Assert.Equal(labels.Length, labels.Distinct().Count());
        HashSet<string> used = [];
        foreach (string line in lines.SkipWhile(static line => line != "{").Where(
            static line => !line.StartsWith(".reg", StringComparison.Ordinal) && !line.EndsWith(':') && line is not ("{" or "}")))
        {
            Assert.EndsWith(";", line, StringComparison.Ordinal);
            Match instruction = Instruction().Match(line);
            Assert.True(instruction.Success, line);
            if (instruction.Groups["predicate"].Success) used.Add(instruction.Groups["predicate"].Value);
            string operands = instruction.Groups["operands"].Value;
            if (instruction.Groups["opcode"].Value == "bra")
            {
                Assert.Contains(operands, labels);
                continue;
            }
            used.UnionWith(Names().Matches(operands).Select(static match => match.Value).Where(name => !NoRegisters.Contains(name)));
        }
        Assert.Equal([], used.Except(declared).Order());
        Assert.Equal([], declared.Except(used).Order());
    }

    [Fact]
    public void Parameters_lie_where_the_texts_read_them()
    {
        ProductArguments product = default;
        Assert.Equal(0, Offset(ref product, ref product.X));
        Assert.Equal(8, Offset(ref product, ref product.Scales));
        Assert.Equal(16, Offset(ref product, ref product.W));
        Assert.Equal(24, Offset(ref product, ref product.Tokens));
        Assert.Equal(44, Offset(ref product, ref product.Tiles));
        Assert.Equal(48, Offset(ref product, ref product.Matrices));
        ProductSegment segment = default;
        Assert.Equal(16, Offset(ref segment, ref segment.First));
        Assert.Equal(32, Offset(ref segment, ref segment.Flags));
        AttentionArguments attention = default;
        Assert.Equal(32, Offset(ref attention, ref attention.Position));
        Assert.Equal(48, Offset(ref attention, ref attention.Ring));
        Assert.Equal(64, Offset(ref attention, ref attention.Scale));
        Assert.Equal(Bytes(Text("product", 128, false)), Unsafe.SizeOf<ProductArguments>());
        Assert.Equal(Bytes(Text("attention", 0, false)), Unsafe.SizeOf<AttentionArguments>());
    }

    [Fact]
    public void Shared_memory_is_what_a_group_can_have() =>
        // 227 KB of a multiprocessor of compute capability 9.0.
        Assert.All(
            new[] { ProductText.SharedBytes(128), ProductText.SharedBytes(256), AttentionText.SharedBytes },
            static bytes => Assert.InRange(bytes, 128 << 10, 227 << 10));

    private static string Text(string kernel, int rows, bool swiGlu) =>
        kernel == "attention" ? AttentionText.Of() : ProductText.Of(rows, swiGlu);

    private static int Bytes(string text) =>
        int.Parse(ParameterBytes().Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

    private static int Offset<T, TField>(ref T all, ref TField field) =>
        (int)Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref all), ref Unsafe.As<TField, byte>(ref field));

    private static IEnumerable<string> Declared(string line) =>
        line[(line.IndexOf(' ', 6) + 1)..].TrimEnd(';').Split(',', StringSplitOptions.TrimEntries).SelectMany(static name =>
            name.EndsWith('>')
                ? Enumerable.Range(0, int.Parse(name.Split('<')[1].TrimEnd('>'), CultureInfo.InvariantCulture)).Select(
                    i => name.Split('<')[0] + i.ToString(CultureInfo.InvariantCulture))
                : [name]);

    [GeneratedRegex(@"^(@!?(?<predicate>\w+) )?(?<opcode>[a-z][\w.:]*)( (?<operands>.*))?;$")]
    private static partial Regex Instruction();

    // Not of a constant (0f…, 0x…) nor of a special register.
    [GeneratedRegex(@"(?<![\w%.])[a-zA-Z_]\w*")]
    private static partial Regex Names();

    [GeneratedRegex(@"arguments\[(\d+)\]\)")]
    private static partial Regex ParameterBytes();
}
