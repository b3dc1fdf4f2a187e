using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace AhnSharp.Gpu.Tests.Ptx;

/// <summary>An operand: a register, or a constant, which an address in shared memory is too.</summary>
internal readonly record struct PtxOperand(int Register, ulong Value)
{
    public bool IsRegister => Register >= 0;
}

/// <summary>An instruction with its operands in the order of the text; of a jump, where to.</summary>
internal sealed record PtxInstruction(string Opcode, PtxOperand[] Operands, int Predicate, bool Negated, string? Symbol, int Offset);

/// <summary>The kernel of a PTX text that ILGPU made, read so that <see cref="PtxMachine"/> can run it.</summary>
internal sealed partial class PtxProgram
{
    /// <summary>Where shared memory begins among addresses.</summary>
    public const ulong SharedBase = 1UL << 40;

    private readonly Dictionary<string, int> _registers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ulong> _shared = new(StringComparer.Ordinal);

    public PtxProgram(string text)
    {
        foreach (string special in new[] { "%tid.x", "%ctaid.x", "%nctaid.x" }) _ = RegisterOf(special);
        foreach (string line in text.Split('\n').Select(static line => line.Trim()).SkipWhile(
            static line => !line.StartsWith(".visible .entry", StringComparison.Ordinal)))
        {
            Read(line);
        }
    }

    public List<PtxInstruction> Instructions { get; } = [];

    public Dictionary<string, int> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>Offsets of the kernel's parameters, in their order.</summary>
    public List<(string Name, int Offset)> Parameters { get; } = [];

    public int ParameterBytes { get; private set; }

    public int SharedBytes { get; private set; }

    public int RegisterCount => _registers.Count;

    /// <summary>The number of a register.</summary>
    public int RegisterOf(string name)
    {
        if (!_registers.TryGetValue(name, out int index)) _registers[name] = index = _registers.Count;
        return index;
    }

    private void Read(string line)
    {
        if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal) || line is "{" or "}" or ")") return;
        if (Parameter().Match(line) is { Success: true } parameter)
        {
            int size = parameter.Groups["bytes"].Success ? Number(parameter, "bytes") : parameter.Groups["type"].Value == "b32" ? 4 : 8;
            int align = parameter.Groups["align"].Success ? Number(parameter, "align") : size;
            ParameterBytes = (ParameterBytes + align - 1) / align * align;
            Parameters.Add((parameter.Groups["name"].Value, ParameterBytes));
            ParameterBytes += size;
        }
        else if (Shared().Match(line) is { Success: true } shared)
        {
            int align = Number(shared, "align");
            SharedBytes = (SharedBytes + align - 1) / align * align;
            _shared[shared.Groups["name"].Value] = SharedBase + (ulong)SharedBytes;
            SharedBytes += Number(shared, "bytes");
        }
        else if (line[^1] == ':') Labels[line[..^1]] = Instructions.Count;
        else if (line[0] != '.') Instructions.Add(Instruction(line));
    }

    private PtxInstruction Instruction(string line)
    {
        int predicate = -1;
        bool negated = false;
        if (line[0] == '@')
        {
            string[] both = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries);
            (negated, predicate, line) = (both[0][1] == '!', RegisterOf(both[0].TrimStart('@', '!')), both[1]);
        }
        // What one of the engine's intrinsics wraps in a block is one instruction here, named by its last.
        if (line.StartsWith("{ .reg", StringComparison.Ordinal))
        {
            string opcode = line.Contains("cp.async", StringComparison.Ordinal) ? "cp.async"
                : line.Contains("sub.rn.f16x2", StringComparison.Ordinal) ? "sub.rn.f16x2"
                : line.Contains(", h; }", StringComparison.Ordinal) ? "high.f16" : "low.f16";
            PtxOperand[] found = [.. Registers().Matches(line).Select(match => Operand(match.Value))];
            if (opcode == "sub.rn.f16x2") found = [.. found.TakeLast(2), Operand(Moved().Match(line).Groups[1].Value)];
            if (opcode.EndsWith(".f16", StringComparison.Ordinal)) found = [found[1], found[0]];
            return new PtxInstruction(opcode, found, predicate, negated, null, 0);
        }
        string[] words = Separators().Split(line.TrimEnd(';')).Where(static word => word.Length > 0).ToArray();
        if (words[0].StartsWith("bra", StringComparison.Ordinal))
            return new PtxInstruction("bra", [], predicate, negated, words[1], 0);
        int offset = 0;
        string? symbol = null;
        if (words[0].StartsWith("ld.param", StringComparison.Ordinal))
        {
            string[] at = words[2].Split('+');
            (symbol, offset) = (at[0], at.Length > 1 ? int.Parse(at[1], CultureInfo.InvariantCulture) : 0);
            words = words[..2];
        }
        else if (words[0].StartsWith("ld.", StringComparison.Ordinal) || words[0].StartsWith("st.", StringComparison.Ordinal))
        {
            int i = Array.FindIndex(words, static word => word.Contains('+', StringComparison.Ordinal));
            if (i > 0) (words[i], offset) = (words[i].Split('+')[0], int.Parse(words[i].Split('+')[1], CultureInfo.InvariantCulture));
        }
        return new PtxInstruction(words[0], [.. words.Skip(1).Select(Operand)], predicate, negated, symbol, offset);
    }

    private PtxOperand Operand(string word) => word switch
    {
        ['%', ..] => new PtxOperand(RegisterOf(word), 0),
        ['0', 'f', ..] => new PtxOperand(-1, Convert.ToUInt32(word[2..], 16)),
        ['0', 'x', ..] => new PtxOperand(-1, Convert.ToUInt64(word[2..], 16)),
        _ when _shared.TryGetValue(word, out ulong address) => new PtxOperand(-1, address),
        _ => new PtxOperand(-1, (ulong)long.Parse(word, CultureInfo.InvariantCulture)),
    };

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\.param (\.align (?<align>\d+) )?\.(?<type>b8|b32|b64) (?<name>\w+)(\[(?<bytes>\d+)\])?")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\.shared \.align (?<align>\d+) \.b8 (?<name>\w+)\[(?<bytes>\d+)\]")]
    private static partial Regex Shared();

    [GeneratedRegex(@"%[\w.]+")]
    private static partial Regex Registers();

    [GeneratedRegex(@"mov\.b32 b,\s+([^;]+);")]
    private static partial Regex Moved();

    [GeneratedRegex(@"[\s,{}\[\]]+")]
    private static partial Regex Separators();
}
