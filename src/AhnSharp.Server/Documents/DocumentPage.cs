using System.Collections.Generic;

namespace AhnSharp.Server.Documents;

/// <summary>Some documents of a list.</summary>
/// <param name="Documents">In the order that was asked for.</param>
/// <param name="HasMore">Whether more follow.</param>
internal sealed record DocumentPage(IReadOnlyList<DocumentView> Documents, bool HasMore);
