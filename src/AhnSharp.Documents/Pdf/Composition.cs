using System;
using System.Collections.Generic;

namespace AhnSharp.Documents.Pdf;

/// <summary>A letter and a combining mark → the one character that both are, for Latin, Greek and Cyrillic letters.</summary>
/// <remarks>The runtime's own normalization does nothing here: programs run without culture data. Source: the canonical decompositions of
/// Unicode 15.</remarks>
internal static class Composition
{
    /// <summary>The composed character; letter and mark one after the other where there is none.</summary>
    public static string Of(string letter, string mark)
    {
        if (letter.Length != 1 || !s_composed.TryGetValue(mark, out string? pairs)) return letter + mark;
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] == letter[0]) return pairs[i + 1].ToString();
        }
        return letter + mark;
    }

    // For each mark, letters and what becomes of them, in pairs.
    private static readonly Dictionary<string, string> s_composed = new(StringComparer.Ordinal)
    {
        ["\u0300"] = "AÀEÈIÌNǸOÒUÙWẀYỲaàeèiìnǹoòuùwẁyỳÂẦÊỀÔỒÜǛâầêềôồüǜĂẰăằĒḔēḕŌṐōṑΑᾺΕῈΗῊΙῚΟῸΥῪΩῺαὰεὲηὴιὶοὸυὺωὼЕЀИЍеѐиѝ",
        ["\u0301"] = "AÁCĆEÉGǴIÍKḰLĹMḾNŃOÓPṔRŔSŚUÚWẂYÝZŹaácćeégǵiíkḱlĺmḿnńoópṕrŕsśuúwẃyýzźÂẤÅǺÆǼÇḈÊẾÏḮÔỐÕṌØǾÜǗâấåǻæǽçḉêếïḯ"
            + "ôốõṍøǿüǘĂẮăắĒḖēḗŌṒōṓŨṸũṹΑΆΕΈΗΉΙΊΟΌΥΎΩΏαάεέηήιίοόυύωώГЃКЌгѓкќ",
        ["\u0302"] = "AÂCĈEÊGĜHĤIÎJĴOÔSŜUÛWŴYŶZẐaâcĉeêgĝhĥiîjĵoôsŝuûwŵyŷzẑ",
        ["\u0303"] = "AÃEẼIĨNÑOÕUŨVṼYỸaãeẽiĩnñoõuũvṽyỹÂẪÊỄÔỖâẫêễôỗĂẴăẵ",
        ["\u0304"] = "AĀEĒGḠIĪOŌUŪYȲaāeēgḡiīoōuūyȳÄǞÆǢÕȬÖȪÜǕäǟæǣõȭöȫüǖΑᾹΙῙΥῩαᾱιῑυῡИӢУӮиӣуӯ",
        ["\u0306"] = "AĂEĔGĞIĬOŎUŬaăeĕgğiĭoŏuŭΑᾸΙῘΥῨαᾰιῐυῠАӐЕӖЖӁИЙУЎаӑеӗжӂийуў",
        ["\u0307"] = "AȦBḂCĊDḊEĖFḞGĠHḢIİMṀNṄOȮPṖRṘSṠTṪWẆXẊYẎZŻaȧbḃcċdḋeėfḟgġhḣmṁnṅoȯpṗrṙsṡtṫwẇxẋyẏzżŚṤśṥŠṦšṧſẛ",
        ["\u0308"] = "AÄEËHḦIÏOÖUÜWẄXẌYŸaäeëhḧiïoötẗuüwẅxẍyÿÕṎõṏŪṺūṻΙΪΥΫιϊυϋАӒЕЁЖӜЗӞИӤОӦУӰЧӴЫӸЭӬаӓеёжӝзӟиӥоӧуӱчӵыӹэӭ",
        ["\u030A"] = "AÅUŮaåuůwẘyẙ",
        ["\u030B"] = "OŐUŰoőuűУӲуӳ",
        ["\u030C"] = "AǍCČDĎEĚGǦHȞIǏKǨLĽNŇOǑRŘSŠTŤUǓZŽaǎcčdďeěgǧhȟiǐjǰkǩlľnňoǒrřsštťuǔzžÜǙüǚ",
        ["\u0327"] = "CÇDḐEȨGĢHḨKĶLĻNŅRŖSŞTŢcçdḑeȩgģhḩkķlļnņrŗsştţĆḈćḉĔḜĕḝ",
        ["\u0328"] = "AĄEĘIĮOǪUŲaąeęiįoǫuųŌǬōǭ",
        ["\u0323"] = "AẠBḄDḌEẸHḤIỊKḲLḶMṂNṆOỌRṚSṢTṬUỤVṾWẈYỴZẒaạbḅdḍeẹhḥiịkḳlḷmṃnṇoọrṛsṣtṭuụvṿwẉyỵzẓÂẬÊỆÔỘâậêệôộĂẶăặ",
        ["\u0309"] = "AẢEẺIỈOỎUỦYỶaảeẻiỉoỏuủyỷÂẨÊỂÔỔâẩêểôổĂẲăẳ",
        ["\u0331"] = "BḆDḎKḴLḺNṈRṞTṮZẔbḇdḏhẖkḵlḻnṉrṟtṯzẕ",
    };
}
