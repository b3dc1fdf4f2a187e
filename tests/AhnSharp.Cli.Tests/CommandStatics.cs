using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Settings;

namespace AhnSharp.Cli.Tests;

/// <summary>
/// What the command keeps for the life of a process and changes while it runs: put back between two lines that share one
/// (<see cref="Testing.WarmAhn"/>).
/// </summary>
internal static class CommandStatics
{
    private const string CtrlC = "only a signal asks for it: those tests start a process of their own";

    /// <summary>Each with what it is when a process starts.</summary>
    private static readonly (Type Type, string Name, object? Start)[] s_putBack =
    [
        (typeof(UserSettings), "s_here", null),
        (typeof(DemoModel), "s_introduced", 0),
        (typeof(Terminal), "<Verbosity>k__BackingField", Verbosity.Normal),
    ];

    /// <summary>Each that may stay, and why.</summary>
    private static readonly Dictionary<string, string> s_stays = new()
    {
        ["CtrlC._stopFirst"] = CtrlC,
        ["CtrlC._current"] = CtrlC,
        ["CtrlC._finishing"] = CtrlC,
        ["CtrlC.<ExitCode>k__BackingField"] = CtrlC,
        ["CtrlC.<Farewell>k__BackingField"] = CtrlC,
    };

    public static void PutBack()
    {
        foreach ((Type type, string name, object? start) in s_putBack) Field(type, name).SetValue(null, start);
    }

    /// <summary>What changes and is in neither list, and what is in one and not in the command.</summary>
    public static IEnumerable<string> Strays()
    {
        HashSet<string> known = [.. s_stays.Keys, .. s_putBack.Select(one => $"{one.Type.Name}.{one.Name}")];
        HashSet<string> found =
        [
            .. from type in typeof(AhnCommand).Assembly.GetTypes()
               where !type.IsDefined(typeof(CompilerGeneratedAttribute)) && !type.Name.Contains('<', StringComparison.Ordinal)
               from field in type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
               where !field.IsInitOnly && !field.IsLiteral
               select $"{type.Name}.{field.Name}",
        ];
        return found.Except(known).Concat(known.Except(found)).Order(StringComparer.Ordinal);
    }

    private static FieldInfo Field(Type type, string name) => type.GetField(name, BindingFlags.Static | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException($"{type.Name}: expected a static field {name}, found none.");
}
