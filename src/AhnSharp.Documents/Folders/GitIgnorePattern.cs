using System;
using System.Collections.Generic;

namespace AhnSharp.Documents.Folders;

/// <summary>One line of a .gitignore.</summary>
/// <remarks>
/// A pattern with a / in it (not at its end) is matched against the path from the file's folder, any other against the last name alone; a /
/// at the end asks for a folder; ! takes back. ** between slashes stands for any number of folders, * and ? never for a slash. Source: git
/// 2.39, gitignore(5) and its wildmatch. Matching walks the pattern once over all positions of the text, so no pattern is slow.
/// </remarks>
internal sealed class GitIgnorePattern
{
    private enum Step
    {
        Character,
        AnyCharacter,
        Set,
        Characters,  // *
        Folders,     // **/
        Everything,  // **
    }

    private static readonly char[] s_wildcards = ['*', '?', '[', '\\'];
    private readonly List<(Step Step, char Character, CharacterSet? Set)> _steps = [];

    private GitIgnorePattern(string text, bool negated, bool folderOnly, bool wholePath)
    {
        (IsNegated, FolderOnly, WholePath) = (negated, folderOnly, wholePath);
        IsValid = Compile(text);
    }

    /// <summary>Takes back what an earlier pattern ignores.</summary>
    public bool IsNegated { get; }

    private bool FolderOnly { get; }

    private bool WholePath { get; }

    private bool IsValid { get; }

    /// <summary>Reads a line without its end; null where it holds no pattern.</summary>
    public static GitIgnorePattern? Parse(string line)
    {
        if (line.StartsWith('#')) return null;
        string text = WithoutTrailingSpaces(line);
        bool negated = text.StartsWith('!');
        if (negated) text = text[1..];
        bool folderOnly = text.EndsWith('/');
        if (folderOnly) text = text[..^1];
        if (text.Length == 0) return null;
        bool wholePath = text.Contains('/', StringComparison.Ordinal);
        return new GitIgnorePattern(text.StartsWith('/') ? text[1..] : text, negated, folderOnly, wholePath);
    }

    /// <summary>Whether it names this file or folder.</summary>
    /// <param name="path">From the folder of the .gitignore, with forward slashes.</param>
    /// <param name="isFolder">A symbolic link to a folder is none.</param>
    public bool Matches(ReadOnlySpan<char> path, bool isFolder)
    {
        if (!IsValid || (FolderOnly && !isFolder)) return false;
        return MatchesText(WholePath ? path : path[(path.LastIndexOf('/') + 1)..]);
    }

    // A space at the end counts only behind a backslash.
    private static string WithoutTrailingSpaces(string line)
    {
        int end = line.Length;
        while (end > 0 && line[end - 1] == ' ' && !(end > 1 && IsEscaped(line, end - 1))) end--;
        return line[..end];
    }

    private static bool IsEscaped(string line, int at)
    {
        int backslashes = 0;
        while (at - backslashes > 0 && line[at - backslashes - 1] == '\\') backslashes++;
        return backslashes % 2 == 1;
    }

    private bool Compile(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            switch (text[i])
            {
                case '\\':
                    if (i + 1 == text.Length) return false;
                    Add(Step.Character, text[i + 1]);
                    i += 2;
                    break;
                case '?':
                    Add(Step.AnyCharacter);
                    i++;
                    break;
                case '[':
                    if (CharacterSet.Parse(text, ref i) is not { } set) return false;
                    _steps.Add((Step.Set, '\0', set));
                    break;
                case '*':
                    i = CompileStars(text, i);
                    break;
                default:
                    Add(Step.Character, text[i++]);
                    break;
            }
        }
        return true;
    }

    private int CompileStars(string text, int start)
    {
        int end = start;
        while (end < text.Length && text[end] == '*') end++;
        // git compares what stands before the first wildcard by itself, so behind it ** stands at the beginning:
        // a/b** is everything below a/b too.
        bool begins = start == 0 || text[start - 1] == '/' || (WholePath && start == text.IndexOfAny(s_wildcards));
        bool alone = end - start > 1 && begins;
        if (alone && end == text.Length) Add(Step.Everything);
        else if (alone && text[end] == '/')
        {
            Add(Step.Folders);
            return end + 1;
        }
        else if (alone && text[end] == '\\' && end + 1 < text.Length && text[end + 1] == '/')
        {
            Add(Step.Everything);
        }
        else Add(Step.Characters);
        return end;
    }

    private void Add(Step step, char character = '\0') => _steps.Add((step, character, null));

    private bool MatchesText(ReadOnlySpan<char> text)
    {
        // reached[i]: the steps so far can stand for the first i characters.
        Span<bool> reached = text.Length < 512 ? stackalloc bool[text.Length + 1] : new bool[text.Length + 1];
        reached.Clear();
        reached[0] = true;
        foreach ((Step step, char character, CharacterSet? set) in _steps)
        {
            switch (step)
            {
                case Step.Characters:
                    for (int i = 1; i <= text.Length; i++) reached[i] |= reached[i - 1] && text[i - 1] != '/';
                    break;
                case Step.Everything:
                    for (int i = 1; i <= text.Length; i++) reached[i] |= reached[i - 1];
                    break;
                case Step.Folders:
                    bool before = reached[0];
                    for (int i = 1; i <= text.Length; i++)
                    {
                        bool here = reached[i];
                        reached[i] |= before && text[i - 1] == '/';
                        before |= here;
                    }
                    break;
                default:
                    for (int i = text.Length; i > 0; i--)
                    {
                        char c = text[i - 1];
                        reached[i] = reached[i - 1] && step switch
                        {
                            Step.Character => c == character,
                            Step.AnyCharacter => c != '/',
                            _ => c != '/' && set!.Contains(c),
                        };
                    }
                    reached[0] = false;
                    break;
            }
        }
        return reached[text.Length];
    }
}
