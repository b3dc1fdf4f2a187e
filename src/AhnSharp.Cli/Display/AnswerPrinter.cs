using System;
using System.IO;
using System.Text;

namespace AhnSharp.Cli.Display;

/// <summary>
/// Writes an answer to a terminal as it comes: lines break between words, and the few marks of Markdown that models write (headings, bold,
/// lists, code) are shown as what they mean.
/// </summary>
/// <remarks>
/// It waits for the end of a word, never for that of a line. Code between fences is written as it stands: it must be copied. Without
/// styles, where a terminal shows none, marks stay.
/// </remarks>
internal sealed class AnswerPrinter(TextWriter to, Func<int> width, bool isStyled)
{
    private const string Bold = "\e[1m", NotBold = "\e[22m", Code = "\e[36m", NotCode = "\e[39m", Fence = "```";
    private readonly StringBuilder _word = new();
    private int _column, _blanks, _indent;
    private bool _isLineStart = true, _isFenced, _isFenceLine, _isBold, _isHeading, _isCode;

    internal void Write(string piece)
    {
        foreach (Rune rune in piece.EnumerateRunes())
        {
            if (rune.Value == '\n') EndLine();
            else if (_isFenced && !(_isLineStart && (rune.Value == ' ' || IsPerhapsFence(rune)))) WriteCode(rune);
            else if (rune.Value == ' ' || (rune.Value == '\t' && !_isFenced)) EndWord(blanks: rune.Value == '\t' ? 4 : 1);
            else
            {
                // A line may break between any two of these.
                if (Cells.IsWide(rune.Value) && _word.Length > 0) EndWord(blanks: 0);
                _word.Append(rune.ToString());
            }
        }
    }

    /// <summary>Writes what waits and gives the terminal its colours back.</summary>
    internal void End()
    {
        EndWord(blanks: 0);
        Style(ref _isBold, false, Bold, NotBold);
        Style(ref _isCode, false, Code, NotCode);
        if (_isFenced && isStyled) to.Write(NotCode);
    }

    private void EndLine()
    {
        EndWord(blanks: 0);
        if (_isHeading) Style(ref _isBold, false, Bold, NotBold);
        // Marks that were opened and never closed were none.
        if (_isLineStart && !_isFenced)
        {
            Style(ref _isBold, false, Bold, NotBold);
            Style(ref _isCode, false, Code, NotCode);
        }
        if (!_isFenceLine || !isStyled) to.Write('\n');
        (_column, _blanks, _indent, _isLineStart, _isFenceLine, _isHeading) = (0, 0, 0, true, false, false);
    }

    private bool IsPerhapsFence(Rune rune) => rune.Value == '`' && _word.Length < Fence.Length;

    private void WriteCode(Rune rune)
    {
        if (_isFenceLine) return;
        EndWord(blanks: 0);
        if (_isFenceLine) return;
        to.Write(new string(' ', _blanks));
        (_isLineStart, _blanks) = (false, 0);
        to.Write(rune.ToString());
    }

    private void EndWord(int blanks)
    {
        if (_word.Length > 0)
        {
            string word = _word.ToString();
            _word.Clear();
            if (word.StartsWith(Fence, StringComparison.Ordinal) && _isLineStart) Toggle(word);
            else if (!_isFenceLine) WriteWord(word);
            _isLineStart = false;
        }
        // Blanks at the beginning of a line are its indent.
        _blanks += blanks;
    }

    private void Toggle(string word)
    {
        _isFenced = !_isFenced;
        _isFenceLine = true;
        if (isStyled) to.Write(_isFenced ? Code : NotCode);
        else to.Write(word);
    }

    private void WriteWord(string word)
    {
        if (_isFenced)
        {
            to.Write(new string(' ', _blanks));
            to.Write(word);
            _blanks = 0;
            return;
        }
        if (_isLineStart)
        {
            _indent = _blanks;
            if (isStyled && word.Length <= 6 && word.Trim('#').Length == 0)
            {
                _isHeading = true;
                Style(ref _isBold, true, Bold, NotBold);
                _blanks = -1;
                return;
            }
            bool isItem = word is "-" or "*" or "+" || IsNumbered(word);
            if (isItem) _indent = Math.Min(_blanks + word.Length + 1, width() / 2);
            if (isStyled && word is "-" or "*" or "+") word = "•";
        }
        int cells = Cells.Of(isStyled ? Unmarked(word) : word), most = width();
        int blanks = Math.Max(0, _blanks);
        if (!_isLineStart && _column + blanks + cells > most && _column > _indent)
        {
            to.Write('\n');
            to.Write(new string(' ', _indent));
            (_column, blanks) = (_indent, 0);
        }
        to.Write(new string(' ', blanks));
        if (isStyled) WriteMarked(word);
        else to.Write(word);
        // A word that is longer than a line is broken by the terminal.
        _column = (_column + blanks + cells) is var end && end > most ? end % most : end;
        _blanks = 0;
    }

    private static bool IsNumbered(string word) =>
        word.Length is >= 2 and <= 4 && word[^1] is '.' or ')' && word.AsSpan(0, word.Length - 1).IndexOfAnyExceptInRange('0', '9') < 0;

    private string Unmarked(string word)
    {
        bool code = _isCode, bold = _isBold;
        StringBuilder text = new();
        Marked(word, ref code, ref bold, (part, _) => text.Append(part));
        return text.ToString();
    }

    private void WriteMarked(string word)
    {
        bool code = _isCode, bold = _isBold;
        Marked(word, ref code, ref bold, (part, style) => to.Write(style ?? part));
        (_isCode, _isBold) = (code, bold);
    }

    // `code` and **bold**: a pair of stars opens before a letter and closes behind one.
    private void Marked(string word, ref bool code, ref bool bold, Action<string, string?> write)
    {
        for (int i = 0; i < word.Length; i++)
        {
            bool isStars = !code && word[i] == '*' && i + 1 < word.Length && word[i + 1] == '*';
            bool opens = i + 2 < word.Length && (i == 0 || !char.IsLetterOrDigit(word[i - 1])), closes = i > 0;
            if (word[i] == '`' && !_isHeading)
            {
                code = !code;
                write("", code ? Code : NotCode);
            }
            else if (isStars && !_isHeading && (bold ? closes : opens))
            {
                bold = !bold;
                write("", bold ? Bold : NotBold);
                i++;
            }
            else if (isStars && _isHeading) i++;
            else write(word[i].ToString(), null);
        }
    }

    private void Style(ref bool state, bool wanted, string on, string off)
    {
        if (state == wanted) return;
        state = wanted;
        if (isStyled) to.Write(wanted ? on : off);
    }
}
