// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
interface Message {
    context: string;
    id: string;
    many: string;
    /** Empty when it is not translated; otherwise one for each plural form. */
    texts: string[];
    places: string[];
}
export function readCatalogue(file: string): { language: string; plural: string; messages: Message[] };
export function catalogues(directory: string): { language: string; file: string }[];
export function translations(directory: string): { name: string; contents: string }[];
