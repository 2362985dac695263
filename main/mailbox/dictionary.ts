/**
 * What most messages, and what was said when they came in, have in common: zstd refers to it instead of keeping it each
 * time, which makes small messages a good deal smaller (https://facebook.github.io/zstd/, "The case for Small Data
 * compression"). What was kept with it is read with it alone, so it never changes.
 */
export const dictionary =
  Buffer.from(`<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0"><meta name="x-apple-disable-message-reformatting">
<!--[if mso]><style>table {border-collapse: collapse;} td {padding: 0;}</style><![endif]--><title></title><style type="text/css">
@media only screen and (max-width: 600px) { .container { width: 100% !important; } } a { color: #ffffff; text-decoration: none; }
img { border: 0; display: block; } p { margin: 0 0 16px; } h1, h2, h3 { margin: 0; } @media (prefers-color-scheme: dark) {
</style></head><body style="margin:0;padding:0;background-color:#f4f4f4;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;color:#333333;">
<div style="display:none;max-height:0;overflow:hidden;">&nbsp;</div><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tbody><tr>
<td align="center" valign="top" style="padding: 24px 0;"><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:600px;max-width:100%;background-color:#ffffff;border-radius:8px;">
<td style="font-weight:bold;text-align:center;border-bottom:1px solid #eeeeee;padding:16px 24px;"><a href="https://www.example.com/" target="_blank" style="display:inline-block;
<img src="https://cdn.example.com/images/logo.png" width="120" height="40" alt="Logo" style="display:block;border:0;"></a></td></tr></table></td></tr></tbody></table></div></body></html>
unsubscribe preferences privacy policy terms of service all rights reserved this email was sent to because you
\r\nReturn-Path: \r\nReceived: from \r\nX-Mailer: \r\nReply-To: \r\nIn-Reply-To: <\r\nReferences: <\r\nList-Id: \r\nList-Unsubscribe: <https://\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r
Precedence: bulk\r\nAuto-Submitted: auto-generated\r\nX-Priority: 3\r\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=; s=; h=from:to:subject:date:message-id:mime-version:content-type; bh=\r
Content-Type: multipart/mixed; boundary="----=_Part_\r\nContent-Type: application/pdf; name="\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=".pdf"\r
Content-ID: <\r\nContent-Disposition: inline\r\nSubject: =?UTF-8?Q?\r\nSubject: =?utf-8?B?\r\nMessage-ID: <@localhost>\r\nDate: Mon, 01 Jan 2026 00:00:00 +0000\r\nFrom: "" <no-reply@example.com>\r\nTo: <@example.com>\r\nMIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary="--_NmP-"\r\n\r\n----_NmP-\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r
Content-Transfer-Encoding: 7bit\r\n\r\n--\r\nContent-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n----_NmP---\r
{"transcript":" - Connected from 127.0.0.1\\n S 220 localhost ESMTP Mailmitt\\n C EHLO [127.0.0.1]\\n S 250-localhost greets [127.0.0.1]\\n S 250-PIPELINING\\n S 250-SIZE 52428800\\n S 250-8BITMIME\\n S 250-SMTPUTF8\\n S 250-ENHANCEDSTATUSCODES\\n S 250-CHUNKING\\n S 250-BINARYMIME\\n S 250-DSN\\n S 250-STARTTLS\\n S 250-AUTH PLAIN LOGIN CRAM-MD5\\n S 250 HELP\\n C STARTTLS\\n S 220 2.0.0 Ready to start TLS\\n - TLSv1.3 with TLS_AES_256_GCM_SHA384\\n C AUTH PLAIN ***\\n S 235 2.7.0 Authentication successful\\n C MAIL FROM:<> SIZE= BODY=8BITMIME\\n S 250 2.1.0 Sender OK\\n C RCPT TO:<>\\n S 250 2.1.5 Recipient OK\\n C DATA\\n S 354 Start mail input; end with <CRLF>.<CRLF>\\n C ( octets of data)","notes":[{"text":"The EHLO argument is no host name.","source":"RFC 5321 section 4.1.1.1"},{"text":"There is no Date header field.","source":"RFC 5322 section 3.6"},{"text":"There is no Message-ID header field.","source":"RFC 5322 section 3.6.4"}]}`);
